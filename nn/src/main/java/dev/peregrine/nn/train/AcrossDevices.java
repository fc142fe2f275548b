package dev.peregrine.nn.train;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.ParameterBlock;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.Replica;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.op.Binary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Shares each mini-batch among several devices, a replica of the network on each; the first one
 * holds the weights, and adds the gradients of the others to its own in the order of the devices,
 * so that the same devices give the same bits each time.
 *
 * <p>Replicas see each other in synchronised batch normalisation alone, as those of {@link
 * DataParallel} do; with it the gradients are those of one device up to rounding.
 *
 * <p><b>Cost</b> weights cross to each further device and gradients back, once a mini-batch and all
 * in one piece; the first device keeps gradients twice more, each further one weights and
 * gradients.
 *
 * <p>The wrapped objective is called by several threads at once; this one by one thread at a time.
 *
 * @param <T> one example
 */
public final class AcrossDevices<T> implements Objective<T> {
  private final Objective<T> part;
  private final List<Device> devices;
  private @Nullable Team team;

  /**
   * Shares the work of an objective.
   *
   * @param part computes loss and gradients of a part of a mini-batch
   * @param devices at least one, the first of them that of the parameters
   */
  public AcrossDevices(Objective<T> part, List<Device> devices) {
    if (devices.isEmpty()) {
      throw new IllegalArgumentException("training across devices: none was named; at least one");
    }
    this.part = part;
    this.devices = List.copyOf(devices);
  }

  /** A further device: its copy of the network, and its gradients in one piece. */
  private record Follower(Params params, ParameterBlock gradients) {}

  /**
   * All that a model needs to be trained on several devices.
   *
   * @param leader the parameters that the others follow
   * @param followers the further devices, in order
   * @param arrived gradients of one of them, on the first device
   * @param sums the gradients of all, on the first device
   * @param numbers a block's numbers on their way
   */
  private record Team(
      Params leader,
      List<Follower> followers,
      ParameterBlock arrived,
      ParameterBlock sums,
      float[] numbers) {
    static Team of(Params params, List<Device> devices) {
      List<Follower> followers = new ArrayList<>();
      for (Device device : devices.subList(1, devices.size())) {
        Params copy = params.to(params.entries().getFirst().value().dtype(), device);
        followers.add(new Follower(copy, copy.pack().like()));
      }
      ParameterBlock first = followers.getFirst().gradients();
      ParameterBlock arrived = first.like(devices.getFirst());
      return new Team(params, followers, arrived, arrived.like(), new float[first.size()]);
    }
  }

  /** What a replica found; the gradients of a further device lie in its block. */
  private record Share(Map<String, Double> parts, int examples, @Nullable Adjoints gradients) {}

  @Override
  public Outcome compute(Params params, Tape tape, List<T> batch) {
    return compute(params, tape, batch, batch);
  }

  @Override
  public Outcome compute(Params params, Tape tape, List<T> batch, List<T> whole) {
    int count = Math.min(devices.size(), batch.size());
    if (count == 1) {
      return part.compute(params, tape, batch, whole);
    }
    Team present = team;
    if (present == null || present.leader() != params) {
      present = Team.of(params, devices);
      team = present;
    }
    Team running = present;
    List<Follower> followers = running.followers().subList(0, count - 1);
    params.copyTo(followers.stream().map(Follower::params).toList(), running.numbers());
    Tape own = tape.fork();
    List<Share> shares =
        Replica.run(
            devices.subList(0, count),
            replica -> {
              int index = replica.index();
              List<T> examples = DataParallel.share(batch, index, count);
              return index == 0
                  ? share(part.compute(params, own, examples, whole))
                  : follow(followers.get(index - 1), examples, whole);
            });
    Map<String, Double> parts = new LinkedHashMap<>();
    int examples = 0;
    for (Share share : shares) {
      share.parts().forEach((name, value) -> parts.merge(name, value, Double::sum));
      examples += share.examples();
    }
    Adjoints first = Objects.requireNonNull(shares.getFirst().gradients());
    return new Outcome(parts, sum(running, params, first, followers), examples);
  }

  @Override
  public void ahead(List<T> batch) {
    int count = Math.min(devices.size(), batch.size());
    for (int i = 0; i < count; i++) {
      List<T> examples = DataParallel.share(batch, i, count);
      Ops.on(
          devices.get(i),
          () -> {
            part.ahead(examples);
            return examples;
          });
    }
  }

  private static Share share(Objective.Outcome outcome) {
    return new Share(outcome.parts(), outcome.examples(), outcome.gradients());
  }

  /** Computes a further device's part and lays its gradients out in one piece. */
  private Share follow(Follower follower, List<T> examples, List<T> whole) {
    Params params = follower.params();
    List<Params.Entry> entries = params.entries();
    try (Tape tape = Tape.watching(params)) {
      Outcome outcome = part.compute(params, tape, examples, whole);
      for (Params.Entry entry : entries) {
        if (entry.isTrained()) {
          follower.gradients().put(entry.path(), outcome.gradients().of(entry.value()));
        }
      }
      return new Share(outcome.parts(), outcome.examples(), null);
    }
  }

  /** Adds the gradients of the further devices to those of the first, one device after another. */
  private static Adjoints sum(Team team, Params params, Adjoints first, List<Follower> followers) {
    Map<Tensor, Tensor> sums = new IdentityHashMap<>();
    Map<String, Tensor> soFar = new HashMap<>();
    List<Params.Entry> entries = params.entries();
    for (Follower follower : followers) {
      follower.gradients().copyTo(List.of(team.arrived()), team.numbers());
      for (Params.Entry entry : entries) {
        if (entry.isTrained()) {
          Tensor sum = team.sums().get(entry.path());
          Tensor before = soFar.getOrDefault(entry.path(), first.of(entry.value()));
          ParameterBlock.overwrite(
              new Binary(Binary.Kind.ADD),
              List.of(before, team.arrived().get(entry.path())),
              List.of(sum));
          soFar.put(entry.path(), sum);
          sums.put(entry.value(), sum);
        }
      }
    }
    return Adjoints.of(sums);
  }
}
