package dev.peregrine.yolo.torch;

import dev.peregrine.tensor.FormatException;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The calls in pickles of PyTorch that make tensors. */
final class TorchCallables implements Pickle.Callables {
  private static final int MAX_RANK = 16;
  private static final int MAX_KEY = 100;

  /** Where the bytes of storages come from. */
  interface Storages {
    /** Makes a storage, with its bytes or without them for now. */
    Storage make(String key, TorchType type, long elements);
  }

  private final String where;
  private final Storages storages;
  private final Map<String, Storage> known = new HashMap<>();

  TorchCallables(String where, Storages storages) {
    this.where = where;
    this.storages = storages;
  }

  /** The storages that were named, by key. */
  Map<String, Storage> storages() {
    return known;
  }

  @Override
  public @Nullable Object call(PickledName function, List<?> arguments) {
    return switch (function.toString()) {
      case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor" -> tensor(arguments);
      case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state" ->
          // The tensor itself, which has learnt nothing by being a parameter.
          at(arguments, 0) instanceof TorchTensor tensor ? tensor : null;
      case "torch.Size" -> at(arguments, 0) instanceof List<?> sizes ? sizes : null;
      default -> null;
    };
  }

  private TorchTensor tensor(List<?> arguments) {
    if (at(arguments, 0) instanceof Storage storage
        && at(arguments, 1) instanceof Long offset
        && at(arguments, 2) instanceof List<?> sizes
        && at(arguments, 3) instanceof List<?> steps
        && sizes.size() == steps.size()
        && sizes.size() <= MAX_RANK) {
      int[] shape = new int[sizes.size()];
      long[] strides = new long[shape.length];
      for (int axis = 0; axis < shape.length; axis++) {
        shape[axis] = (int) whole(sizes.get(axis), Integer.MAX_VALUE);
        strides[axis] = whole(steps.get(axis), Long.MAX_VALUE);
      }
      return TorchTensor.view(where, storage, offset, shape, strides);
    }
    throw new FormatException(
        where
            + ": a tensor is not described by storage, offset, extents and strides; the file is"
            + " damaged");
  }

  private long whole(Object value, long most) {
    if (value instanceof Long number && number >= 0 && number <= most) {
      return number;
    }
    boolean number = value instanceof Long || value instanceof BigInteger;
    throw new FormatException(
        where
            + ": a tensor has the extent or stride "
            + (number ? value : Pickle.kind(value))
            + "; the file is damaged");
  }

  private static @Nullable Object at(List<?> values, int index) {
    return index < values.size() ? values.get(index) : null;
  }

  @Override
  public Object persistent(List<?> id) {
    Object kind = at(id, 0);
    if ("module".equals(kind) && at(id, 1) instanceof PickledName type) {
      return type;
    }
    if ("storage".equals(kind)
        && at(id, 1) instanceof PickledName type
        && at(id, 2) instanceof String key
        && key.length() <= MAX_KEY
        && at(id, 4) instanceof Long elements) {
      Storage storage = known.get(key);
      if (storage == null) {
        storage = storages.make(key, type(type), elements);
        known.put(key, storage);
      }
      if (storage.elements() != elements || storage.type() != type(type)) {
        throw new FormatException(
            where + ": storage '" + key + "' is described in two ways; the file is damaged");
      }
      return at(id, 5) instanceof List<?> view ? storage.view(where, view) : storage;
    }
    throw new FormatException(
        where + ": refers to something outside that is no storage; the file is damaged");
  }

  private TorchType type(PickledName name) {
    return TorchType.ofStorage(name.name())
        .orElseThrow(() ->
            new FormatException(
                where
                    + ": its numbers are of "
                    + name
                    + ", which is not read; floats, halves, bfloat16, doubles and whole numbers"
                    + " are"));
  }
}
