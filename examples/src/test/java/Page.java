import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.NullMarked;

/** A page in Markdown: its blocks of code. */
@NullMarked
record Page(List<Block> blocks) {
  private static final Pattern FENCE = Pattern.compile("```(\\w+) ?(.*)");

  /** A block: where it begins, in what language it is, what else stands behind that, its text. */
  record Block(Path page, int line, String language, String note, String text) {
    @Override
    public String toString() {
      return page + ":" + line;
    }
  }

  Page {
    blocks = List.copyOf(blocks);
  }

  static Page read(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      Matcher fence = FENCE.matcher(lines.get(i));
      if (fence.matches()) {
        int first = i + 1;
        i = first + lines.subList(first, lines.size()).indexOf("```");
        String text = lines.subList(first, i).stream().map(line -> line + "\n").collect(joining());
        blocks.add(new Block(file, first, fence.group(1), fence.group(2), text));
      }
    }
    return new Page(blocks);
  }
}
