package multiprocessing.internal.shm;

/**
 * A block that is in use, for reports of what is left behind.
 *
 * @param name as the texts of objects that it stands for have it
 * @param bytes its size with its header
 * @param isPage whether a process keeps there what it holds; it is freed when that process ends
 * @param why whose it is, how far it has come, and who holds it
 */
public record BlockUse(String name, long bytes, boolean isPage, String why) {
  @Override
  public String toString() {
    return "block " + name + " of " + bytes + " bytes, " + why;
  }
}
