/**
 * Messages between two processes: {@link multiprocessing.connection.Pipe}, {@link
 * multiprocessing.connection.Listener} and {@link multiprocessing.connection.Client}, and waiting
 * for several at once with {@link multiprocessing.connection.Wait}.
 */
@NullMarked
package multiprocessing.connection;

import org.jspecify.annotations.NullMarked;
