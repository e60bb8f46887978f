/**
 * Objects that live in a server process and are used by many: {@link
 * multiprocessing.manager.Manager}, and the interfaces of what it makes.
 */
@NullMarked
package multiprocessing.manager;

import org.jspecify.annotations.NullMarked;
