package multiprocessing.internal.launch;

import java.util.Locale;
import java.util.Locale.Category;
import org.jspecify.annotations.Nullable;

/**
 * The default locales of a process, which its children begin with. System properties cannot say all
 * of them.
 */
final class Locales {
  /**
   * The defaults when they were last looked at, which is at each start: they hardly ever change.
   */
  private static volatile @Nullable Locales known;

  private final Locale all = Locale.getDefault();
  private final Locale display = Locale.getDefault(Category.DISPLAY);
  private final Locale format = Locale.getDefault(Category.FORMAT);

  /** In the form that costs least to make: a child compares them, and mostly that is all. */
  private final String names = all + "/" + display + "/" + format + " ";

  private @Nullable String description;

  private static Locales now() {
    Locales last = known;
    if (last == null
        || last.all != Locale.getDefault()
        || last.display != Locale.getDefault(Category.DISPLAY)
        || last.format != Locale.getDefault(Category.FORMAT)) {
      last = new Locales();
      known = last;
    }
    return last;
  }

  /** The three defaults, in the form that costs least to compare and in one that can be read. */
  static String describe() {
    Locales now = now();
    String text = now.description;
    if (text == null) {
      text =
          now.names
              + String.join(
                  " ",
                  now.all.toLanguageTag(),
                  now.display.toLanguageTag(),
                  now.format.toLanguageTag());
      now.description = text;
    }
    return text;
  }

  /** Makes those the defaults of this process, unless they are already. */
  static void apply(String description) {
    if (description.startsWith(now().names)) {
      return;
    }
    String[] words = description.split(" ", -1);
    int tags = words.length - 3;
    Locale.setDefault(Locale.forLanguageTag(words[tags]));
    Locale.setDefault(Category.DISPLAY, Locale.forLanguageTag(words[tags + 1]));
    Locale.setDefault(Category.FORMAT, Locale.forLanguageTag(words[tags + 2]));
  }
}
