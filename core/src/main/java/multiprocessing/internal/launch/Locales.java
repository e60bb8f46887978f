package multiprocessing.internal.launch;

import java.util.Locale;
import java.util.Locale.Category;

/**
 * The default locales of a process, which its children begin with. System properties cannot say all
 * of them.
 */
final class Locales {
  private Locales() {}

  /**
   * The three defaults, in the form that costs least to compare and in the one that can be read.
   */
  static String describe() {
    Locale all = Locale.getDefault();
    Locale display = Locale.getDefault(Category.DISPLAY);
    Locale format = Locale.getDefault(Category.FORMAT);
    return String.join(
        " ", names(), all.toLanguageTag(), display.toLanguageTag(), format.toLanguageTag());
  }

  /** Makes those the defaults of this process, unless they are already. */
  static void apply(String description) {
    String names = names();
    if (description.startsWith(names + " ")) {
      return;
    }
    String[] words = description.split(" ", -1);
    int tags = words.length - 3;
    Locale.setDefault(Locale.forLanguageTag(words[tags]));
    Locale.setDefault(Category.DISPLAY, Locale.forLanguageTag(words[tags + 1]));
    Locale.setDefault(Category.FORMAT, Locale.forLanguageTag(words[tags + 2]));
  }

  private static String names() {
    return Locale.getDefault()
        + "/"
        + Locale.getDefault(Category.DISPLAY)
        + "/"
        + Locale.getDefault(Category.FORMAT);
  }
}
