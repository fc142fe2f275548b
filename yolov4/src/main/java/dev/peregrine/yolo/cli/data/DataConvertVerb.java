package dev.peregrine.yolo.cli.data;

import dev.peregrine.yolo.cli.input.DataInput;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.data.DataConfig;
import dev.peregrine.yolo.data.DataScan;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Split;
import dev.peregrine.yolo.data.convert.DataFormat;
import dev.peregrine.yolo.data.convert.DataWriter;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes a data set in the form of YOLO, COCO or Pascal VOC, and reads it again as the proof. */
public final class DataConvertVerb implements Verb {
  /** How pictures come to their new place. */
  enum Pictures {
    LINK,
    COPY
  }

  private static final Key<Path> DATA = DataInput.DATA.required();
  private static final Key<Path> TO =
      Key.path("to", "the folder to write; new or empty").required();
  private static final Key<DataFormat> FORMAT =
      Key.choice("format", "yolo", DataFormat.class, "the form to write: yolo, coco or voc");
  private static final Key<Pictures> PICTURES =
      Key.choice(
          "pictures",
          "link",
          Pictures.class,
          "link: the new names mean the same files, where the file system can; or copy");

  @Override
  public String name() {
    return "data convert";
  }

  @Override
  public String summary() {
    return "writes a data set in the form of YOLO, COCO or Pascal VOC";
  }

  @Override
  public String example() {
    return "./yolo data convert data=instances_val2017.json to=coco-val format=yolo";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(DATA, TO, FORMAT, PICTURES, DataInput.FAULTY);
  }

  @Override
  public int run(Call call) {
    DataConfig config = DataConfig.read(call.get(DATA));
    Map<Split, DataSet> splits = new EnumMap<>(Split.class);
    for (Split split : Split.values()) {
      if (config.sources().containsKey(split)) {
        DataScan scan = DataScan.of(config, split, false);
        scan.requireSound(call.get(DataInput.FAULTY));
        splits.put(split, scan.dataSet());
        call.print(split + ": " + scan);
      }
    }
    DataWriter.Written written =
        DataWriter.write(
            splits, call.get(FORMAT), call.get(TO), call.get(PICTURES) == Pictures.COPY);
    DataConfig place = DataConfig.read(written.data());
    double worst = 0;
    for (Map.Entry<Split, DataSet> split : splits.entrySet()) {
      DataSet again = DataSet.load(place, split.getKey());
      worst =
          Math.max(
              worst, DataDifference.of(split.getValue(), again, written.pictures(split.getKey())));
    }
    call.print(
        String.format(
            Locale.ROOT,
            "read again: the same pictures and objects; largest difference of an edge %.1e of the"
                + " picture",
            worst));
    call.print("data: " + written.data());
    return Failure.NONE;
  }
}
