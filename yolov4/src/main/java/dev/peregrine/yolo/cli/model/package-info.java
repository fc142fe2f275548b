/**
 * The verbs that look at a network or write it in another form: {@code summary}, {@code layers},
 * {@code profile}, {@code benchmark}, {@code convert}, {@code export} and {@code scaling}.
 *
 * <p>One class a verb, and beside it the rows and tables that it prints. Start reading at {@link
 * dev.peregrine.yolo.cli.model.SummaryVerb}.
 */
@NullMarked
package dev.peregrine.yolo.cli.model;

import org.jspecify.annotations.NullMarked;
