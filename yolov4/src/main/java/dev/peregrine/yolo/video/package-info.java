/**
 * Pictures one after the other: those that a name or a pattern means, and frames of videos with
 * their times.
 *
 * <p>Here live the list of pictures, the frames of a folder, the door to providers of other videos,
 * and the overlay. No decoder of videos lives here, since all of them are native code: one comes
 * from outside, as a {@link dev.peregrine.yolo.video.FrameSourceProvider}. Nothing here knows
 * networks or follows objects from frame to frame. Start reading at {@link
 * dev.peregrine.yolo.video.FrameSources}.
 */
@NullMarked
package dev.peregrine.yolo.video;

import org.jspecify.annotations.NullMarked;
