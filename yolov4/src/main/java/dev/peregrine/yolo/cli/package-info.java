/**
 * The command line: {@code ./yolo VERB key=value ...}.
 *
 * <p>Here a line that was typed becomes a call of a verb; besides, here are the verbs that detect
 * and those that describe the machine or the command line itself. The other verbs live in the rooms
 * beside: {@code cli.data}, {@code cli.train} and {@code cli.model}, all made of {@code cli.kit}
 * and {@code cli.input}, which know no verb. What a verb does is a call into the packages of the
 * library; none of it is computed here. Start reading at {@link dev.peregrine.yolo.cli.Main}, the
 * only one that knows all verbs, then one verb.
 */
@NullMarked
package dev.peregrine.yolo.cli;

import org.jspecify.annotations.NullMarked;
