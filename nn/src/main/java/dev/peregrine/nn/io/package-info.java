/**
 * Numbers in files: safetensors.
 *
 * <p>Here lives the reading and writing of named arrays. What they mean to a model is not known
 * here. Start reading at {@link dev.peregrine.nn.io.Safetensors}.
 */
@NullMarked
package dev.peregrine.nn.io;

import org.jspecify.annotations.NullMarked;
