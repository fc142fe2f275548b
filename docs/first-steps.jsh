// First steps at the prompt of JShell; the command that starts it is in docs/library.md.
import dev.peregrine.autograd.*
import dev.peregrine.tensor.*
import dev.peregrine.tensor.shape.*
import dev.peregrine.yolo.*
import dev.peregrine.yolo.image.*

var w = Tensor.of(Shape.of(4), 1, 2, 3, 4)
var tape = Tape.watching(List.of(w))
var loss = tape.record(() -> Reductions.mean(w.times(w)))
System.out.println(loss)
System.out.println(tape.backward(loss).of(w))
tape.close()

var cells = Pretrained.load()
var detector = Detector.of(cells.model(), cells.params()).names(cells.names()).confidence(0.7)
detector.detect(Images.read(Path.of("docs/blood.jpg"))).forEach(System.out::println)
