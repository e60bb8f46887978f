import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import multiprocessing.Multiprocessing;
import multiprocessing.memory.SharedArray;
import multiprocessing.pool.ProcessPool;
import multiprocessing.pool.ProgressBars;
import multiprocessing.pool.TaskOptions;
import org.jspecify.annotations.NullMarked;

/**
 * mandelbrot: a picture of the Mandelbrot set, rendered by all processors into shared memory.
 *
 * <p>{@code Mandelbrot [FILE.png [WIDTH]]}. The pixels lie in memory that all workers have mapped.
 * A task is a row and its result is nothing: no pixel is ever copied between processes, and the
 * rows that are slow do not hold up the others. On a terminal a bar tells how far it is.
 */
@NullMarked
public final class Mandelbrot {
  private static final int MOST_STEPS = 500;

  private Mandelbrot() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    File file = new File(args.length > 0 ? args[0] : "mandelbrot.png");
    int width = args.length > 1 ? Integer.parseInt(args[1]) : 1200;
    int height = width * 2 / 3;

    long start = System.nanoTime();
    SharedArray.OfInt pixels = SharedArray.ofInts((long) width * height);
    List<Integer> rows = IntStream.range(0, height).boxed().toList();
    try (ProcessPool pool =
        Multiprocessing.poolBuilder().progress(ProgressBars.onTerminal()).build()) {
      pool.with(TaskOptions.builder().name("rendering").build())
          .map(
              row -> {
                pixels.setAll((long) row * width, row(row, width, height));
                return true;
              },
              rows);
    }
    System.out.printf(
        "%d x %d pixels in %.2f s%n", width, height, (System.nanoTime() - start) / 1e9);

    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, width, height, pixels.toArray(), 0, width);
    ImageIO.write(image, "png", file);
    System.out.println("written to " + file);
  }

  private static int[] row(int row, int width, int height) {
    int[] colors = new int[width];
    double imaginary = 2.4 * (row + 0.5) / height - 1.2;
    for (int column = 0; column < width; column++) {
      colors[column] = color(3.6 * (column + 0.5) / width - 2.5, imaginary);
    }
    return colors;
  }

  private static int color(double cx, double cy) {
    double x = 0;
    double y = 0;
    for (int step = 0; step < MOST_STEPS; step++) {
      double xx = x * x;
      double yy = y * y;
      if (xx + yy > 16) {
        double smooth = (step + 1 - Math.log(Math.log(xx + yy) / 2) / Math.log(2)) / 24;
        return shade(smooth, 0.0) << 16 | shade(smooth, 0.15) << 8 | shade(smooth, 0.35);
      }
      y = 2 * x * y + cy;
      x = xx - yy + cx;
    }
    return 0; // it stays: black
  }

  private static int shade(double value, double phase) {
    return (int) (127.5 + 127.5 * Math.cos(2 * Math.PI * (value + phase) + Math.PI));
  }
}
