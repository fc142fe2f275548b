/**
 * The networks of Scaled-YOLOv4 in PyTorch's form: their yaml descriptions, graphs and state dicts.
 *
 * <p>What lives here: the reader of {@code models/*.yaml}, the published networks, and the names
 * and shapes that their numbers have in PyTorch. What must not: the container formats of such
 * numbers, which are {@code yolo.torch} and {@code nn.io}.
 *
 * <p>Start reading at {@link dev.peregrine.yolo.yaml.YamlModel}, then {@link
 * dev.peregrine.yolo.yaml.YamlFile}.
 */
@NullMarked
package dev.peregrine.yolo.yaml;

import org.jspecify.annotations.NullMarked;
