package multiprocessing.internal.launch;

/**
 * Starts a child by a fork of the zygote; one whose options only a fresh virtual machine can have
 * (its own options, environment or directory) is spawned.
 */
public final class ForkServerLauncher implements Launcher {
  private final SpawnLauncher spawner = new SpawnLauncher();

  @Override
  public Child launch(LaunchRequest request) {
    return request.isForAnyMachine() ? ForkServer.get().launch(request) : spawner.launch(request);
  }
}
