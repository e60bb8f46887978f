package multiprocessing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Every rule of the house fails where it should: on {@code fixture.house}, which breaks them all.
 */
class HouseRulesTest {
  private static final String TABLE =
      """
      | storey | room | responsibility | may import |
      |---|---|---|---|
      | 2 | `roof` *(coming)* | not built yet | public rooms |
      | 1 | `upper` | calls lower | lower |
      | 1 | `missing` | should be there | nothing |
      | 0 | `lower` *(coming)* | is there already | nothing |
      """;

  private final HouseRules house = house(TABLE);

  private static HouseRules house(String table) {
    return new HouseRules(
        "fixture.house",
        RoomTable.parse(table),
        new ClassFileImporter().importPackages("fixture.house"));
  }

  @Test
  void roomsAndTableMustMatch() {
    assertEquals(
        List.of(
            "the room unlisted is not in the table",
            "the table has missing, but it is not there",
            "the table calls lower coming, but it is there"),
        house.roomsUnlikeTable());
  }

  @Test
  void anImportThatNoRowAllowsIsFound() {
    assertOnly("fixture.house.lower.ImportsUpwards", house.forbiddenImports());
    assertTrue(
        house(TABLE.replace("| lower |", "| nothing |")).forbiddenImports().stream()
            .anyMatch(line -> line.contains("fixture.house.upper.Caller.call")));
  }

  @Test
  void aCycleOfPackagesIsFound() {
    assertEquals(1, house.packageCycles().size());
  }

  @Test
  void nativeCodeIsFound() {
    List<String> found = house.nativeCodeOutsideItsRoom();
    assertOnly("fixture.house.upper.Native", found);
    for (String call :
        List.of(
            "nativeLinker()", "libraryLookup(", "reinterpret(long)", "load(", "Native.method()")) {
      assertTrue(found.stream().anyMatch(line -> line.contains(call)), call);
    }
  }

  @Test
  void aNameOfJavaLangIsFound() {
    assertEquals(List.of("fixture.house.upper.Process"), house.namesOfJavaLang());
  }

  @Test
  void tooManyParametersAreFound() {
    assertEquals(
        List.of(
            "fixture.house.upper.Wide.<init>(int, int, int, int, int, int)",
            "fixture.house.upper.Wide.inherited(int, int, int, int, int, int)",
            "fixture.house.upper.Wide.method(int, int, int, int, int, int)"),
        house.tooManyParameters());
  }

  @Test
  void aPackageThatIsNotNullMarkedIsFound() {
    assertEquals(
        List.of("fixture.house.unlisted is not @NullMarked"), house.packagesNotNullMarked());
  }

  @Test
  void aTableThatLeadsUpTheStairsIsFound() {
    String table =
        """
        | storey | room | responsibility | may import |
        |---|---|---|---|
        | 2 | `upper` | | beside, nowhere, i.low |
        | 2 | `beside` | | nothing |
        | 1 | `public` | | nothing |
        | 2 | `internal.high` | | public |
        | 0 | `internal.low` | | `upper` |
        """;
    assertEquals(
        List.of(
            "upper may import beside, which is not below it",
            "upper may import nowhere, which is no room",
            "internal.high may import public, which is public",
            "internal.low may import upper, which is not below it"),
        RoomTable.parse(table).faults());
  }

  @Test
  void aDocumentWithoutTheTableIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> RoomTable.parse("| a | b |\n"));
  }

  private static void assertOnly(String culprit, List<String> violations) {
    assertTrue(!violations.isEmpty(), "nothing found");
    for (String violation : violations) {
      assertTrue(violation.contains(culprit), violation);
    }
  }
}
