/** The conformance list: which test proves which behaviour of Python's suite. */
@NullMarked
package multiprocessing.testing.conformance;

import org.jspecify.annotations.NullMarked;
