package dev.peregrine.yolo.serve;

import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.Findings;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.image.ByteImage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;

/**
 * Lets pictures that wait together run together.
 *
 * <p>One thread runs the network, which itself uses all cores. While it runs, others gather in the
 * queue, and as many as make a power of two are taken at once, since every number of pictures needs
 * a plan of its own. Nobody waits for company: a picture that comes alone runs alone.
 */
final class Batcher {
  private static final double MEMORY_OF_SPEED = 0.2;
  private static final long MOST_SECONDS_TO_WAIT = 60;

  private final Detector detector;
  private final int most;
  private final Metrics metrics;
  private final BlockingQueue<Job> waiting;
  private final Thread worker;
  private volatile boolean stopped;
  private volatile double secondsPerPicture;

  /**
   * What was found in a picture, and what it took.
   *
   * @param detections highest score first
   * @param waited seconds in the queue
   * @param ran seconds of the run, of all its pictures together
   * @param company pictures in the run
   */
  record Found(List<Detection> detections, double waited, double ran, int company) {}

  private record Job(
      ByteImage picture, Detector.Choice choice, long since, CompletableFuture<Found> answer) {}

  /**
   * Starts the thread.
   *
   * @param detector what is run
   * @param most pictures in a run
   * @param queue pictures that may wait
   * @param metrics where runs are counted
   */
  Batcher(Detector detector, int most, int queue, Metrics metrics) {
    this.detector = detector;
    this.most = most;
    this.metrics = metrics;
    this.waiting = new ArrayBlockingQueue<>(queue);
    this.worker = Thread.ofPlatform().name("peregrine-detector").daemon().start(this::work);
  }

  /**
   * Puts a picture into the queue.
   *
   * <p><b>Errors</b> {@link Refusal} 503 when the queue is full.
   *
   * @return what will be found; cancelling it takes the picture out of the queue
   */
  CompletableFuture<Found> submit(ByteImage picture, Detector.Choice choice) {
    Job job = new Job(picture, choice, System.nanoTime(), new CompletableFuture<>());
    if (stopped || !waiting.offer(job)) {
      throw Refusal.busy("too many pictures wait already; ask again later", secondsToWait());
    }
    return job.answer();
  }

  /** Pictures that wait. */
  int depth() {
    return waiting.size();
  }

  /** After how many seconds what waits now will be done, as far as the last runs tell. */
  long secondsToWait() {
    double seconds = Math.ceil((waiting.size() + 1) * secondsPerPicture);
    return Math.clamp((long) seconds, 1, MOST_SECONDS_TO_WAIT);
  }

  /** Ends the thread once its run is over; pictures that still wait are refused. */
  void stop() {
    stopped = true;
    worker.interrupt();
  }

  private void work() {
    try {
      while (!stopped) {
        List<Job> jobs = new ArrayList<>();
        jobs.add(waiting.take());
        waiting.drainTo(jobs, most - 1);
        jobs.removeIf(job -> job.answer().isDone());
        for (int from = 0; from < jobs.size(); ) {
          int size = Integer.highestOneBit(Math.min(most, jobs.size() - from));
          run(jobs.subList(from, from + size));
          from += size;
        }
      }
    } catch (InterruptedException _) {
      // Asked to stop.
    }
    stopped = true;
    List<Job> left = new ArrayList<>();
    waiting.drainTo(left);
    Refusal end = Refusal.busy("the server is stopping", 1);
    left.forEach(job -> job.answer().completeExceptionally(end));
  }

  private void run(List<Job> jobs) {
    long start = System.nanoTime();
    try {
      Findings findings =
          detector.findings(
              jobs.stream().map(Job::picture).toList(), jobs.stream().map(Job::choice).toList());
      double seconds = (System.nanoTime() - start) / 1e9;
      metrics.ran(jobs.size(), seconds);
      double each = seconds / jobs.size();
      double before = secondsPerPicture;
      secondsPerPicture = before == 0 ? each : before + MEMORY_OF_SPEED * (each - before);
      for (int i = 0; i < jobs.size(); i++) {
        double waited = (start - jobs.get(i).since()) / 1e9;
        List<Detection> found = findings.detections().get(i);
        jobs.get(i).answer().complete(new Found(found, waited, seconds, jobs.size()));
      }
    } catch (RuntimeException | OutOfMemoryError fault) {
      // Whoever waits is told; the thread lives on for the next ones.
      jobs.forEach(job -> job.answer().completeExceptionally(fault));
    }
  }
}
