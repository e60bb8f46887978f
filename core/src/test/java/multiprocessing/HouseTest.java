package multiprocessing;

import static org.junit.jupiter.api.Assertions.fail;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import multiprocessing.testing.Repository;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The library keeps to the plan in ARCHITECTURE.md. That the rules bite: {@link HouseRulesTest}.
 */
class HouseTest {
  private static HouseRules house;

  @BeforeAll
  static void read() throws IOException {
    JavaClasses classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("multiprocessing");
    String plan = Files.readString(Repository.root().resolve("ARCHITECTURE.md"));
    house = new HouseRules("multiprocessing", RoomTable.parse(plan), classes);
  }

  @Test
  void theTableIsSound() {
    assertKept(house.table().faults());
  }

  @Test
  void theRoomsAreThoseOfTheTable() {
    assertKept(house.roomsUnlikeTable());
  }

  @Test
  void aRoomImportsOnlyWhatItsRowAllows() {
    assertKept(house.forbiddenImports());
  }

  @Test
  void noPackageCycle() {
    assertKept(house.packageCycles());
  }

  @Test
  void nativeCodeIsCalledFromOneRoomOnly() {
    assertKept(house.nativeCodeOutsideItsRoom());
  }

  @Test
  void noPublicTypeIsNamedLikeOneOfJavaLang() {
    assertKept(house.namesOfJavaLang());
  }

  @Test
  void noPublicSignatureHasTooManyParameters() {
    assertKept(house.tooManyParameters());
  }

  @Test
  void everyPackageIsNullMarked() {
    assertKept(house.packagesNotNullMarked());
  }

  @Test
  void whatTravelsIsQuickToArrive() {
    assertKept(house.slowToArrive());
  }

  private static void assertKept(List<String> violations) {
    if (!violations.isEmpty()) {
      fail(String.join("\n", violations));
    }
  }
}
