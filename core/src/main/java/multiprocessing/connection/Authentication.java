package multiprocessing.connection;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import multiprocessing.error.AuthenticationException;
import multiprocessing.internal.session.Session;

/**
 * How both ends of a connection prove to each other that they have the same secret, without sending
 * it: CPython's handshake, as its version 3.12 and later speak it, and earlier ones understand it.
 *
 * <p>One end delivers a challenge, random bytes with the name of a digest in front ({@code
 * {sha256}}); the other answers with the HMAC of all that under the secret, named likewise. A peer
 * of an earlier version takes the name for a part of the random bytes and answers with a bare
 * HMAC-MD5, which is known by its length; its own challenges are known by theirs. Then the roles
 * change.
 */
final class Authentication {
  private static final byte[] CHALLENGE = "#CHALLENGE#".getBytes(US_ASCII);
  private static final byte[] WELCOME = "#WELCOME#".getBytes(US_ASCII);
  private static final byte[] FAILURE = "#FAILURE#".getBytes(US_ASCII);

  /** What a peer offers is chosen of these. */
  private static final Map<String, String> DIGESTS =
      Map.of(
          "md5", "HmacMD5",
          "sha256", "HmacSHA256",
          "sha384", "HmacSHA384",
          "sha3_256", "HmacSHA3-256",
          "sha3_384", "HmacSHA3-384");

  static final String DEFAULT_DIGEST = "sha256";
  private static final String LEGACY_DIGEST = "md5";
  private static final int LONGEST_NAME = 8;
  private static final int RANDOM_BYTES = 40;
  private static final int LEGACY_RANDOM_BYTES = 20;
  private static final int LEGACY_MAC_BYTES = 16;

  /** More than any message of the handshake has. */
  private static final int MOST_BYTES = 256;

  /** The two calls of a connection that a handshake needs. */
  interface Channel {
    void send(byte[] message) throws IOException, InterruptedException;

    byte[] receive(int most) throws IOException, InterruptedException;
  }

  /** A message that names a digest, or does not. */
  private record Named(String digest, byte[] payload) {}

  private Authentication() {}

  /**
   * Requires the peer to prove that it has the secret.
   *
   * @throws AuthenticationException if it has not
   */
  static void deliverChallenge(Channel channel, byte[] key, String digest)
      throws IOException, InterruptedException {
    byte[] message = join(prefix(digest), Session.randomBytes(RANDOM_BYTES));
    byte[] response;
    try {
      channel.send(join(CHALLENGE, message));
      response = channel.receive(MOST_BYTES);
    } catch (IOException e) {
      throw failure("the peer did not answer the challenge", e);
    }
    try {
      verify(key, message, response);
    } catch (AuthenticationException e) {
      sendLast(channel, FAILURE);
      throw e;
    }
    channel.send(WELCOME);
  }

  /**
   * Proves to the peer that this end has the secret.
   *
   * @throws AuthenticationException if the peer does not believe it, or speaks otherwise
   */
  static void answerChallenge(Channel channel, byte[] key)
      throws IOException, InterruptedException {
    byte[] message;
    try {
      message = channel.receive(MOST_BYTES);
    } catch (IOException e) {
      throw failure("the peer did not deliver a challenge", e);
    }
    if (!startsWith(message, CHALLENGE)) {
      throw new AuthenticationException(
          "protocol error: a challenge was expected; the peer may have no auth key");
    }
    byte[] challenge = Arrays.copyOfRange(message, CHALLENGE.length, message.length);
    if (challenge.length < LEGACY_RANDOM_BYTES) {
      throw new AuthenticationException(
          "the challenge of the peer is too short: " + challenge.length + " bytes");
    }
    channel.send(respond(key, challenge));
    byte[] verdict;
    try {
      verdict = channel.receive(MOST_BYTES);
    } catch (IOException e) {
      throw failure("the peer said nothing about the answer to its challenge", e);
    }
    if (!Arrays.equals(verdict, WELCOME)) {
      throw new AuthenticationException(
          "the digest sent was rejected: the two ends have different auth keys");
    }
  }

  /** The answer to a challenge. */
  static byte[] respond(byte[] key, byte[] challenge) {
    String digest = read(challenge).digest;
    if (digest.isEmpty()) {
      return mac(key, challenge, LEGACY_DIGEST);
    }
    return join(prefix(digest), mac(key, challenge, digest));
  }

  /** Throws if a response is not the right one. */
  static void verify(byte[] key, byte[] challenge, byte[] response) {
    Named named = read(response);
    String digest = named.digest.isEmpty() ? LEGACY_DIGEST : named.digest;
    if (!MessageDigest.isEqual(mac(key, challenge, digest), named.payload)) {
      throw new AuthenticationException(
          "the digest received was wrong: the two ends have different auth keys");
    }
  }

  private static Named read(byte[] message) {
    if (message.length == LEGACY_RANDOM_BYTES || message.length == LEGACY_MAC_BYTES) {
      return new Named("", message);
    }
    if (message.length > 0 && message[0] == '{') {
      for (int end = 1; end < Math.min(message.length, LONGEST_NAME + 2); end++) {
        String name = new String(message, 1, end - 1, US_ASCII);
        if (message[end] == '}' && DIGESTS.containsKey(name)) {
          return new Named(name, Arrays.copyOfRange(message, end + 1, message.length));
        }
      }
    }
    throw new AuthenticationException(
        "protocol error: a message of "
            + message.length
            + " bytes that names none of the digests "
            + DIGESTS.keySet());
  }

  private static byte[] mac(byte[] key, byte[] message, String digest) {
    try {
      Mac mac = Mac.getInstance(DIGESTS.get(digest));
      // HMAC fills a key up with zeros, so no byte and one zero byte are the same key.
      mac.init(new SecretKeySpec(key.length == 0 ? new byte[1] : key, mac.getAlgorithm()));
      return mac.doFinal(message);
    } catch (GeneralSecurityException e) {
      throw new AuthenticationException(
          "this virtual machine does not have the digest " + digest + ": " + e.getMessage());
    }
  }

  private static AuthenticationException failure(String what, IOException cause) {
    String why =
        switch (cause) {
          case EOFException _ ->
              "it closed the connection; it may have refused, have no key, or want TLS";
          case SocketTimeoutException _ -> "it took too long; it may have no key, or want TLS";
          default -> String.valueOf(cause.getMessage());
        };
    AuthenticationException failure = new AuthenticationException(what + ": " + why);
    failure.initCause(cause);
    return failure;
  }

  /** Tells the peer the verdict, if it is there to hear it. */
  private static void sendLast(Channel channel, byte[] message) throws InterruptedException {
    try {
      channel.send(message);
    } catch (IOException e) {
      // the reason for the failure is known already
    }
  }

  private static byte[] prefix(String digest) {
    return ("{" + digest + "}").getBytes(US_ASCII);
  }

  private static boolean startsWith(byte[] bytes, byte[] start) {
    return bytes.length >= start.length
        && Arrays.equals(bytes, 0, start.length, start, 0, start.length);
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
