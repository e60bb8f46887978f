/** What can be measured within one JVM, by JMH. */
@NullMarked
package multiprocessing.bench.jmh;

import org.jspecify.annotations.NullMarked;
