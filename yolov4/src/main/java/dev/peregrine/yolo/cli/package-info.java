/**
 * The command line: {@code ./yolo VERB key=value ...}.
 *
 * <p>Here lives what a person types and reads: one class a verb, the keys that verbs share, run
 * folders, and the sentences of errors. What a verb does is a call into the packages beside this
 * one; none of it is computed here. Start reading at {@link dev.peregrine.yolo.cli.Main}, then one
 * verb.
 */
@NullMarked
package dev.peregrine.yolo.cli;

import org.jspecify.annotations.NullMarked;
