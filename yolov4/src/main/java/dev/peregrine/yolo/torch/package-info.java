/**
 * PyTorch's {@code .pt} and {@code .pth} files, read without running anything of them.
 *
 * <p>What lives here: the zip and the legacy container, an interpreter of pickles that knows plain
 * containers and tensors, the way from a pickled network to named tensors, and a writer of state
 * dicts. What must not: what a tensor means to a network. No class is ever looked up by a name that
 * a file gives: unknown ones become records of their name and state.
 *
 * <p>Start reading at {@link dev.peregrine.yolo.torch.TorchFile}, then {@link
 * dev.peregrine.yolo.torch.TorchTensor}.
 */
@NullMarked
package dev.peregrine.yolo.torch;

import org.jspecify.annotations.NullMarked;
