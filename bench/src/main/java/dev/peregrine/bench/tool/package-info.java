/**
 * {@code ./yolo bench}: benchmarks by name, a table of what they measured, and how it stands to a
 * run from before.
 *
 * <p>What lives here: everything between the command line and JMH. What must not: benchmarks, which
 * stand in {@link dev.peregrine.bench}.
 *
 * <p>The command line finds this as a tool of Java, by {@link java.util.spi.ToolProvider}, so that
 * it runs where the launcher put the benchmarks on the class path and knows nothing of JMH.
 *
 * <p>Start reading at {@link dev.peregrine.bench.tool.BenchmarkTool}.
 */
@NullMarked
package dev.peregrine.bench.tool;

import org.jspecify.annotations.NullMarked;
