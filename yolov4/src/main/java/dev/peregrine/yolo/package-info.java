/**
 * The detector: from a picture to boxes.
 *
 * <p>Here lives what a program that uses the library calls first. Networks, formats, data and
 * training live in the packages below. Start reading at {@link dev.peregrine.yolo.Detector}.
 */
@NullMarked
package dev.peregrine.yolo;

import org.jspecify.annotations.NullMarked;
