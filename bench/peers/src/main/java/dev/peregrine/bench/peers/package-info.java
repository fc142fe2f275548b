/**
 * Races against other engines on the same network, weights and pictures: ONNX Runtime, OpenCV DNN
 * and libtorch, with oneDNN's matrix product as the yardstick.
 *
 * <p>What lives here: one class for each engine, and the race itself. What must not: anything that
 * the library or its tests need; this module is built under the profile {@code peers} alone and
 * only then are the engines fetched (about 240 MB, Linux on x86-64).
 *
 * <p>Build and run, best on a quiet machine:
 *
 * <pre>
 * mvn -q -Dfast -Ppeers -pl :peregrine-peers -am package
 * java --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED -Xmx8g \
 *     -cp "$(cat bench/peers/target/launcher/classpath):$(ls bench/peers/target/launcher/*.jar)" \
 *     dev.peregrine.bench.peers.Peers net=yolov4-tiny size=416 batch=1 threads=1,2
 * </pre>
 *
 * <p>{@code net} is a network of the library or a cfg file; {@code race=training} compares training
 * steps; {@link dev.peregrine.bench.peers.Peers} says the rest and is where to start reading.
 *
 * <p>Nothing is timed before the outputs of all engines agree. Then the engines take turns, round
 * after round, because the speed of a shared machine drifts: what counts is the share of the matrix
 * product measured in the same round. With one thread the clock is the thread's processor time,
 * which other programs do not disturb; with more it is the time on the wall.
 */
@NullMarked
package dev.peregrine.bench.peers;

import org.jspecify.annotations.NullMarked;
