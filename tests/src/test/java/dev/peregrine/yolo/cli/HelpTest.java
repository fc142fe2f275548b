package dev.peregrine.yolo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.yolo.cli.kit.Help;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every key is explained, with its default. */
class HelpTest {
  @ParameterizedTest
  @CsvSource({
    "demo, minutes=3 out=runs/demo",
    "predict, model= weights= names= source= imgsz= conf=0.25 iou=0.45 nms= agnostic=false resize="
        + " sigma= levels= augment=false batch=1 json= save=true save_txt=false save_crop=false"
        + " precision=fp32 name= out=",
    "train, evolve=0 model= data= faulty=0 weights= partial=false epochs=300 batch=16 imgsz="
        + " recipe= resume= freeze= lr0= momentum= mosaic= mixup= cutmix= hsv_h= degrees= jitter="
        + " blur= grid_mask= name= out=",
    "data augment, data= index=0 imgsz=416 recipe=scaled mosaic= perspective= letter_box= cutout="
        + " model= name=",
    "data check, data= model=yolov4-tiny imgsz= show=1000 strict=false to= json=",
    "data stats, data= faulty=0 save=true speed=false imgsz=416 to= json= name= out=",
    "data convert, data= to= format=yolo pictures=link faulty=0",
    "val, model= weights= data= imgsz= conf=0.001 iou=0.6 nms= augment=false levels= batch="
        + " predictions= annotations= protocol=coco points= match_iou=0.5 json= name= out=",
    "summary, model= imgsz= names= classes= anchors= batch=16 json= svg=",
    "layers, model= weights= imgsz= source= tensor= tsv= picture= precision=",
    "profile, model= weights= names= imgsz= batch=1 runs=9 sort=run json=",
    "benchmark, model= weights= names= imgsz= source= batch=1 runs=20 json=",
    "bench, pattern= params= forks= warmups= iterations= seconds= json= compare=",
    "convert, model= weights= names= imgsz= to= format=f32 classes= anchors=",
    "export, model= weights= names= imgsz= format=onnx to=",
    "anchors, data= split=train model= k=9 imgsz= resize= generations=1000 ratio=4 json=",
    "scaling, table= latency= flops= model= imgsz= names= check=true classes=80 map=64 channels=256"
        + " growth=64 layers=4 tau=32 json=",
    "serve, model=blood-cells weights= names= imgsz= conf=0.25 iou=0.45 nms= agnostic=false resize="
        + " host=127.0.0.1 port=8080 allow= batch=4 queue=32 max_mb=16 max_mp=50 read_timeout=10"
        + " timeout=30",
    "doctor, device=auto",
    "completion, shell=",
    "version, device=auto"
  })
  void ofAVerb(String verb, String keys) {
    String text = Cli.run(words(verb, "--help")).ok().out();
    for (String key : (keys + " device=auto threads= seed=0 verbose=false").split(" ")) {
      assertThat(text).containsPattern("(?m)^  " + key.replace(".", "\\."));
    }
    assertThat(text).contains("./yolo " + verb);
    assertThat(text.lines()).allMatch(line -> line.length() <= 102);
    assertThat(Cli.run(words(verb, "conf=7", "-h")).ok().out()).isEqualTo(text);
    assertThat(Cli.run(words("help " + verb)).ok().out()).isEqualTo(text);
    assertThat(Cli.run(words(verb, "help")).ok().out()).isEqualTo(text);
  }

  /** A verb of one word or two, and what follows. */
  private static String[] words(String verb, String... rest) {
    return Stream.concat(Stream.of(verb.split(" ", -1)), Stream.of(rest)).toArray(String[]::new);
  }

  @Test
  void ofAll() {
    String text = Cli.run("--help").ok().out();
    assertThat(text)
        .contains(
            "demo ",
            "predict ",
            "train ",
            "val ",
            "summary ",
            "layers ",
            "profile ",
            "benchmark ",
            "convert ",
            "doctor ");
    Cli bare = Cli.run();
    assertThat(bare.out()).isEqualTo(text);
    assertThat(bare.status()).isEqualTo(2);
  }

  /** The beginning of a name is nearer than another name of the same length. */
  @Test
  void suggestionsGoOnFromTheBeginning() {
    assertThat(Help.suggestion("yolov4-p7", List.of("yolov4-p5", "yolov4-p7-yaml")))
        .isEqualTo(" (did you mean 'yolov4-p7-yaml'?)");
    Cli.run("help", "predct").refuses("there is no verb 'predct' (did you mean 'predict'?)");
  }

  @Test
  void version() {
    assertThat(Cli.run("version").ok().out()).startsWith("Peregrine ").contains("Java 2");
    assertThat(Cli.run("--version").ok().out()).startsWith("Peregrine ");
  }
}
