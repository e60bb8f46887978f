package multiprocessing.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * A key and its certificate, made for a test.
 *
 * @param file where both are, for other processes to {@link #load}
 * @param store both
 */
public record Identity(Path file, KeyStore store) {
  private static final String PASSWORD = "not a secret";
  private static final String ALIAS = "test";

  /**
   * Makes one.
   *
   * @param folder where to write it
   * @param name names the file
   * @param hosts whom the certificate is for, such as {@code dns:localhost}
   */
  public static Identity make(Path folder, String name, String hosts) throws Exception {
    Path file = folder.resolve(name + ".p12");
    Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    Process process =
        new ProcessBuilder(
                keytool.toString(),
                "-genkeypair",
                "-alias",
                ALIAS,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=" + hosts,
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), said);
    return load(file);
  }

  /** Reads one. */
  public static Identity load(Path file) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD.toCharArray());
    }
    return new Identity(file, store);
  }

  /** A context that has this key, and trusts who shows one of some certificates. */
  public SSLContext trusting(Identity... others) throws GeneralSecurityException, IOException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust(others), new SecureRandom());
    return context;
  }

  /** A context without a key that trusts who shows this certificate. */
  public SSLContext trusted() throws GeneralSecurityException, IOException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust(this), new SecureRandom());
    return context;
  }

  private static TrustManager[] trust(Identity... identities)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (Identity each : identities) {
      store.setCertificateEntry(each.file.toString(), each.store.getCertificate(ALIAS));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    return trust.getTrustManagers();
  }
}
