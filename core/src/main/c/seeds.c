/*
 * The generators of random numbers that the JDK has one of for the whole process: each process that
 * began as a copy of another one is to draw numbers of its own. Those that are looked up here are
 * initialised by it, once, before the fork.
 */
#define _GNU_SOURCE
#include "java.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ATOMIC "Ljava/util/concurrent/atomic/AtomicLong;"

static struct {
  struct place seeder, default_gen, shuffler, generators[9], prng[3];
  jclass object;
  jmethodID make_object, set_long, set_seed;
  jfieldID thread_seed, prng_buffered, prng_locks[3], prng_mixer;
  jobject random; /* of Math.random */
} java;

/* What a program uses now and then: some milliseconds, where nobody has needed it before. */
static void prepare_rare(JNIEnv *env) {
  static const char prng[] = "Lsun/security/provider/NativePRNG$RandomIO;";
  static const char *const generators[] = {
      "L32X64MixRandom",   "L64X128MixRandom",   "L64X256MixRandom",
      "L64X1024MixRandom", "L128X128MixRandom",  "L128X256MixRandom",
      "L128X1024MixRandom", "Xoroshiro128PlusPlus", "Xoshiro256PlusPlus"};
  for (int i = 0; i < 9; i++) {
    char name[64] = "jdk/internal/random/";
    strcat(name, generators[i]);
    java.generators[i] = mp_place(env, name, "defaultGen", ATOMIC);
  }
  /* First, as NativePRNG asks it for a source while it asks whether there is a NativePRNG: the other
   * way round there would be none for the whole life of the process. */
  mp_place(env, "sun/security/provider/SunEntries", "seedSource", "Ljava/lang/String;");
  java.shuffler = mp_place(env, "java/util/Collections", "r", "Ljava/util/Random;");
  java.prng[0] = mp_place(env, "sun/security/provider/NativePRNG", "INSTANCE", prng);
  java.prng[1] = mp_place(env, "sun/security/provider/NativePRNG$Blocking", "INSTANCE", prng);
  java.prng[2] = mp_place(env, "sun/security/provider/NativePRNG$NonBlocking", "INSTANCE", prng);
  jclass prng_type = mp_find(env, "sun/security/provider/NativePRNG$RandomIO");
  java.prng_buffered = mp_field(env, prng_type, "buffered", "I");
  java.prng_locks[0] = mp_field(env, prng_type, "LOCK_GET_BYTES", "Ljava/lang/Object;");
  java.prng_locks[1] = mp_field(env, prng_type, "LOCK_GET_SEED", "Ljava/lang/Object;");
  java.prng_locks[2] = mp_field(env, prng_type, "LOCK_SET_SEED", "Ljava/lang/Object;");
  java.prng_mixer = mp_field(env, prng_type, "mixRandom", "Lsun/security/provider/SecureRandom;");
  java.object = mp_find(env, "java/lang/Object");
  java.make_object = mp_method(env, java.object, "<init>", "()V");
}

void mp_seeds_prepare(JNIEnv *env, int rare) {
  if (rare) prepare_rare(env);
  java.seeder = mp_place(env, "java/util/concurrent/ThreadLocalRandom", "seeder", ATOMIC);
  java.default_gen = mp_place(env, "java/util/SplittableRandom", "defaultGen", ATOMIC);
  java.set_long = mp_method(env, mp_find(env, "java/util/concurrent/atomic/AtomicLong"), "set", "(J)V");
  java.thread_seed = mp_field(env, mp_find(env, "java/lang/Thread"), "threadLocalRandomSeed", "J");
  struct place random = mp_place(env, "java/lang/Math$RandomNumberGeneratorHolder",
                              "randomNumberGenerator", "Ljava/util/Random;");
  java.random = (*env)->NewGlobalRef(env, mp_get(env, random));
  java.set_seed = mp_method(env, mp_find(env, "java/util/Random"), "setSeed", "(J)V");
}

static jlong fresh_seed(void) {
  jlong seed = 0;
  syscall(SYS_getrandom, &seed, sizeof seed, 0);
  return seed;
}

static void reset(JNIEnv *env, struct place place) {
  jobject seed = mp_get(env, place);
  if (seed != NULL) (*env)->CallVoidMethod(env, seed, java.set_long, fresh_seed());
}

void mp_seeds_reset(JNIEnv *env, jobject caller) {
  reset(env, java.seeder);
  reset(env, java.default_gen);
  for (int i = 0; i < 9; i++) reset(env, java.generators[i]);
  if (java.shuffler.field != NULL) /* it is made anew */
    (*env)->SetStaticObjectField(env, java.shuffler.holder, java.shuffler.field, NULL);
  if (java.thread_seed != NULL) (*env)->SetLongField(env, caller, java.thread_seed, fresh_seed());
  if (java.random != NULL)
    (*env)->CallVoidMethod(env, java.random, java.set_seed, fresh_seed());
  for (int i = 0; i < 3; i++) {
    jobject prng = mp_get(env, java.prng[i]);
    if (prng == NULL) continue;
    if (java.prng_buffered != NULL) (*env)->SetIntField(env, prng, java.prng_buffered, 0);
    if (java.prng_mixer != NULL) (*env)->SetObjectField(env, prng, java.prng_mixer, NULL);
    for (int j = 0; j < 3; j++)
      if (java.prng_locks[j] != NULL)
        (*env)->SetObjectField(env, prng, java.prng_locks[j],
                               (*env)->NewObject(env, java.object, java.make_object));
  }
}

/* --- for a fork with all threads ---------------------------------------------------------------- */

static struct {
  JNIEnv *env;
  jobject thread;
} forking;

/*
 * By the thread that is going to fork; `rare`: whether any generator may have been used by now. Gives 1
 * if its forks will have numbers of their own.
 */
long mp_seeds_ready(int rare) {
  JNIEnv *env = mp_env();
  if (env == NULL) return 0;
  (*env)->PushLocalFrame(env, 64);
  jclass type = mp_find(env, "java/lang/Thread");
  jmethodID current = mp_static_method(env, type, "currentThread", "()Ljava/lang/Thread;");
  if (current != NULL) {
    mp_seeds_prepare(env, rare);
    forking.thread = (*env)->NewGlobalRef(env, (*env)->CallStaticObjectMethod(env, type, current));
    forking.env = env;
  }
  (*env)->PopLocalFrame(env, NULL);
  return current != NULL;
}

/* By the same thread, in the fork. */
long mp_seeds_anew(void) {
  if (forking.env == NULL) return 0;
  (*forking.env)->PushLocalFrame(forking.env, 64);
  mp_seeds_reset(forking.env, forking.thread);
  (*forking.env)->PopLocalFrame(forking.env, NULL);
  return 1;
}
