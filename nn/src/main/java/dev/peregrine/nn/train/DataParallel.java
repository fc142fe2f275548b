package dev.peregrine.nn.train;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.Replica;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Shares each mini-batch among replicas of the network, each on a thread and a tape of its own;
 * their gradients are added in the order of the replicas, so that any number of threads of the
 * device gives the same bits.
 *
 * <p>Replicas see each other in synchronised batch normalisation alone; with ordinary batch
 * normalisation each goes by the statistics of its own part, and the first one's move the running
 * ones.
 *
 * <p>The wrapped objective is called by several threads at once.
 *
 * @param <T> one example
 * @param part computes loss and gradients of a part of a mini-batch
 * @param replicas how many, at least 1; a mini-batch of fewer examples has as many as those
 */
public record DataParallel<T>(Objective<T> part, int replicas) implements Objective<T> {
  /** Checks the count. */
  public DataParallel {
    if (replicas < 1) {
      throw new IllegalArgumentException("data parallel: " + replicas + " replicas; at least 1");
    }
  }

  @Override
  public Outcome compute(Params params, Tape tape, List<T> batch) {
    return compute(params, tape, batch, batch);
  }

  @Override
  public Outcome compute(Params params, Tape tape, List<T> batch, List<T> whole) {
    int count = Math.min(replicas, batch.size());
    if (count == 1) {
      return part.compute(params, tape, batch, whole);
    }
    List<Tape> tapes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tapes.add(tape.fork());
    }
    List<Outcome> outcomes =
        Replica.run(
            count,
            replica -> {
              List<T> own = share(batch, replica.index(), count);
              return part.compute(params, tapes.get(replica.index()), own, whole);
            });
    Map<String, Double> parts = new LinkedHashMap<>();
    List<Adjoints> gradients = new ArrayList<>();
    int examples = 0;
    for (Outcome outcome : outcomes) {
      outcome.parts().forEach((name, value) -> parts.merge(name, value, Double::sum));
      gradients.add(outcome.gradients());
      examples += outcome.examples();
    }
    return new Outcome(parts, Adjoints.sum(gradients), examples);
  }

  /** One replica alone takes its examples as they come; several share a processor's memory. */
  @Override
  public void ahead(List<T> batch) {
    if (Math.min(replicas, batch.size()) == 1) {
      part.ahead(batch);
    }
  }

  /** The examples of one of several replicas, whose shares differ by one at most. */
  static <T> List<T> share(List<T> batch, int replica, int count) {
    return batch.subList(replica * batch.size() / count, (replica + 1) * batch.size() / count);
  }
}
