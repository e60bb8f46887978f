/** The virtual machine of a child: its command line, and the classes that it finds loaded. */
@NullMarked
package multiprocessing.internal.jvm;

import org.jspecify.annotations.NullMarked;
