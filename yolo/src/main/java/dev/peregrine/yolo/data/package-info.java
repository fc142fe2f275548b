/**
 * Data sets on disk: pictures, their label files, and the files that name both.
 *
 * <p>Nothing here decodes pictures or draws random numbers. Start reading at {@link
 * dev.peregrine.yolo.data.Label}.
 */
@NullMarked
package dev.peregrine.yolo.data;

import org.jspecify.annotations.NullMarked;
