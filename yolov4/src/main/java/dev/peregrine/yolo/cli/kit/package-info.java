/**
 * What every verb of the command line is made of: keys and their laws, a call with its settings,
 * the console, run folders, help, and the way from an exception to a sentence and an exit status.
 *
 * <p>No verb is known here, and no network. Start reading at {@link
 * dev.peregrine.yolo.cli.kit.Verb}, then {@link dev.peregrine.yolo.cli.kit.Key} and {@link
 * dev.peregrine.yolo.cli.kit.Call}.
 */
@NullMarked
package dev.peregrine.yolo.cli.kit;

import org.jspecify.annotations.NullMarked;
