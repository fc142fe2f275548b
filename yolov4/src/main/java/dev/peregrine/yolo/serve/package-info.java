/**
 * The server: a page to drop a picture on, and pictures by {@code POST}, answered by one detector.
 *
 * <p>What lives here: everything between a connection and {@link dev.peregrine.yolo.Detector}: who
 * may ask, how much may be sent and how slowly, who waits and who runs with whom. What must not:
 * anything of training, and any dependency beyond the JDK's own server and a writer of JSON. A
 * request goes through {@code Routes}, {@code RequestBody}, {@code PictureRequest} and {@code
 * Batcher}, in this order. Start reading at {@link dev.peregrine.yolo.serve.DetectionServer}.
 */
@NullMarked
package dev.peregrine.yolo.serve;

import org.jspecify.annotations.NullMarked;
