/**
 * Every exception that the library throws and that the JDK has no word for.
 *
 * <p>All of them are unchecked, extend {@link multiprocessing.error.ProcessException} and can
 * travel from one process to another.
 */
@NullMarked
package multiprocessing.error;

import org.jspecify.annotations.NullMarked;
