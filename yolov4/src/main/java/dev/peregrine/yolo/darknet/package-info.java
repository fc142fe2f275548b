/**
 * Darknet's file formats: {@code .cfg} network descriptions and {@code .weights} files.
 *
 * <p>What lives here: the readers and writers of both formats, the typed layers of a cfg with their
 * shape laws, and the walk that turns a cfg into a network. What must not: decoding, losses, data
 * and anything that other parts of the library would have to import darknet's types for.
 *
 * <p>Start reading at {@link dev.peregrine.yolo.darknet.CfgFile}, then {@link
 * dev.peregrine.yolo.darknet.Layer} and {@link dev.peregrine.yolo.darknet.WeightsFile}.
 */
@NullMarked
package dev.peregrine.yolo.darknet;

import org.jspecify.annotations.NullMarked;
