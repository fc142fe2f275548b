/**
 * Written-down functions and their rewriting: graphs, the tracer that writes them, the passes that
 * change them.
 *
 * <p>Here lives what holds for every device. Kernels, buffers and devices must not come here; a
 * graph made ready for a device is a plan. Start reading at {@link
 * dev.peregrine.tensor.graph.Graph}, then {@link dev.peregrine.tensor.graph.Tracer} and {@link
 * dev.peregrine.tensor.graph.Passes}.
 */
@NullMarked
package dev.peregrine.tensor.graph;

import org.jspecify.annotations.NullMarked;
