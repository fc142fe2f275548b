package dev.peregrine.yolo.torch;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Interprets one pickle: a program for a stack machine, of which only the instructions that make
 * plain values are obeyed.
 *
 * <p>Lists, tuples and dicts come as {@code List} and {@code Map}, whole numbers as {@code Long} or
 * {@code BigInteger}, None as {@link PickledName#NONE}. A call of anything becomes a {@link
 * PickledObject}, unless the {@link Callables} know it. There is no recursion, and what is made is
 * proportional to the pickle's length: an instruction makes one object or moves what the stack has.
 * Protocols 2 to 5 are read; PyTorch writes 2.
 */
final class Pickle {
  private static final int MAX_BYTES_OF_NUMBER = 255;
  private static final int MAX_NAME = 500;

  /** Keys of several kinds that a dict may have: finding one among them may be slow. */
  private static final int MAX_MIXED = 1024;

  /** What is known of the world outside of the pickle. */
  interface Callables {
    /** The value of a call; null for an unknown one. */
    @Nullable Object call(PickledName function, List<?> arguments);

    /** The value of a persistent id. */
    Object persistent(List<?> id);
  }

  private final PickleInput input;
  private final Callables callables;
  private final List<Object> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Long, Object> memo = new HashMap<>();

  /** What calls may still copy: more than the pickle's length is not written by anyone. */
  private long copies;

  Pickle(String where, MemorySegment bytes, long from, Callables callables) {
    this.input = new PickleInput(where, bytes, from);
    this.copies = bytes.byteSize() - from;
    this.callables = callables;
  }

  /** The first byte after the pickle, once it is read. */
  long end() {
    return input.position();
  }

  /** Runs the pickle to its end and gives its value. */
  Object read() {
    while (true) {
      int code = input.unsigned();
      if (code == '.') {
        return pop();
      }
      if (!value(code) && !collection(code) && !object(code)) {
        throw input.error(
            "has the instruction 0x%02x, which is not one of those that plain data needs"
                .formatted(code));
      }
    }
  }

  /** Instructions that push a value of their own. */
  private boolean value(int code) {
    switch (code) {
      case 'N' -> stack.add(PickledName.NONE);
      case 0x88 -> stack.add(Boolean.TRUE);
      case 0x89 -> stack.add(Boolean.FALSE);
      case 'J' -> stack.add((long) (int) input.little(4));
      case 'K' -> stack.add(input.little(1));
      case 'M' -> stack.add(input.little(2));
      case 'G' -> stack.add(Double.longBitsToDouble(Long.reverseBytes(input.little(8))));
      case 0x8a -> stack.add(whole(input.take(input.little(1))));
      case 0x8b -> {
        long length = input.little(4);
        // A longer number takes a time that grows with the square of its length to print.
        if (length > MAX_BYTES_OF_NUMBER) {
          throw input.error("has a whole number of " + length + " bytes");
        }
        stack.add(whole(input.take(length)));
      }
      case 'X', 'T' -> stack.add(input.text(input.little(4)));
      case 0x8c, 'U' -> stack.add(input.text(input.little(1)));
      case 0x8d -> stack.add(input.text(input.little(8)));
      case 'B' -> stack.add(input.take(input.little(4)));
      case 'C' -> stack.add(input.take(input.little(1)));
      case 0x8e, 0x96 -> stack.add(input.take(input.little(8)));
      case 'c' -> stack.add(named(input.line(), input.line()));
      case 0x93 -> {
        Object name = pop();
        Object module = pop();
        stack.add(named(asText(module), asText(name)));
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private PickledName named(String module, String name) {
    if (module.length() > MAX_NAME || name.length() > MAX_NAME) {
      throw input.error("has a name of more than " + MAX_NAME + " letters");
    }
    return new PickledName(module, name);
  }

  private static Object whole(byte[] little) {
    if (little.length == 0) {
      return 0L;
    }
    byte[] big = new byte[little.length];
    for (int i = 0; i < big.length; i++) {
      big[i] = little[big.length - 1 - i];
    }
    BigInteger value = new BigInteger(big);
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  /** Instructions that move values between stack, memo and collections. */
  private boolean collection(int code) {
    switch (code) {
      case 0x80 -> input.little(1);
      case 0x95 -> input.little(8);
      case '(' -> marks.add(stack.size());
      case '0' -> pop();
      case '1' -> popMark();
      case '2' -> stack.add(top());
      case 'q' -> memo.put(input.little(1), top());
      case 'r' -> memo.put(input.little(4), top());
      case 0x94 -> memo.put((long) memo.size(), top());
      case 'h' -> stack.add(remembered(input.little(1)));
      case 'j' -> stack.add(remembered(input.little(4)));
      case '}' -> stack.add(new LinkedHashMap<Object, Object>());
      case ']' -> stack.add(new ArrayList<Object>());
      case ')' -> stack.add(List.of());
      case 't' -> stack.add(Collections.unmodifiableList(popMark()));
      case 0x85 -> stack.add(tuple(1));
      case 0x86 -> stack.add(tuple(2));
      case 0x87 -> stack.add(tuple(3));
      case 's' -> {
        List<Object> pair = tuple(2);
        setItems(pair);
      }
      case 'u' -> setItems(popMark());
      case 'a' -> append(tuple(1));
      case 'e', 0x90 -> append(popMark());
      case 0x8f -> stack.add(new PickledObject(new PickledName("builtins", "set"), List.of()));
      case 0x91 ->
          stack.add(
              new PickledObject(new PickledName("builtins", "frozenset"), List.of(popMark())));
      default -> {
        return false;
      }
    }
    return true;
  }

  private List<Object> tuple(int size) {
    Object[] values = new Object[size];
    for (int i = size - 1; i >= 0; i--) {
      values[i] = pop();
    }
    return Collections.unmodifiableList(Arrays.asList(values));
  }

  private void setItems(List<Object> pairs) {
    switch (top()) {
      case Map<?, ?> map -> fill(asDict(map), pairs);
      case PickledObject object -> object.add(pairs);
      case Object other -> throw input.error("sets items of " + kind(other));
    }
  }

  private void append(List<Object> values) {
    switch (top()) {
      case ArrayList<?> list -> asList(list).addAll(values);
      case PickledObject object -> object.add(values);
      case Object other -> throw input.error("appends to " + kind(other));
    }
  }

  private void put(Map<Object, Object> map, Object key, Object value) {
    if (map.size() >= MAX_MIXED
        && key.getClass() != map.keySet().iterator().next().getClass()
        && !(key instanceof PickledObject)) {
      throw input.error("has a dict of more than " + MAX_MIXED + " keys of several kinds");
    }
    map.put(key, value);
  }

  private void fill(Map<Object, Object> map, List<?> pairs) {
    if (pairs.size() % 2 != 0) {
      throw input.error("has a key without a value");
    }
    for (int i = 0; i < pairs.size(); i += 2) {
      put(map, key(pairs.get(i)), pairs.get(i + 1));
    }
  }

  /** Collections make no keys here: comparing nested ones may take for ever. */
  private Object key(Object value) {
    return switch (value) {
      case List<?> tuple -> new PickledObject(new PickledName("builtins", "tuple"), tuple);
      case Map<?, ?> map -> throw input.error("has a key that is " + kind(map));
      // Names can be made to have one hash code, and have no order that would tell them apart.
      case PickledName name -> new PickledObject(name, List.of());
      case Object plain -> plain;
    };
  }

  /** Instructions that would run something in Python. */
  private boolean object(int code) {
    switch (code) {
      case 'R', 0x81 -> {
        Object arguments = pop();
        stack.add(call(pop(), arguments));
      }
      case 0x92 -> {
        Object named = pop();
        Object arguments = pop();
        PickledObject made = new PickledObject(asName(pop()), asTuple(arguments));
        made.state(named);
        stack.add(made);
      }
      case 'b' -> {
        Object state = pop();
        // Of a dict it is attributes of its own, such as _metadata, which are not its items.
        if (top() instanceof PickledObject object) {
          object.state(state);
        }
      }
      case 'Q' -> stack.add(callables.persistent(asTuple(pop())));
      default -> {
        return false;
      }
    }
    return true;
  }

  private Object call(Object function, Object arguments) {
    PickledName name = asName(function);
    List<?> values = asTuple(arguments);
    if (name.module().equals("collections") && name.name().equals("OrderedDict")) {
      return ordered(values);
    }
    Object known = callables.call(name, values);
    return known == null ? new PickledObject(name, values) : known;
  }

  private Map<Object, Object> ordered(List<?> arguments) {
    Map<Object, Object> map = new LinkedHashMap<>();
    if (!arguments.isEmpty()) {
      for (Object pair : asTuple(arguments.getFirst())) {
        if (--copies < 0) {
          throw input.error("copies more than it holds");
        }
        List<?> two = asTuple(pair);
        if (two.size() != 2) {
          throw input.error("has an item of " + two.size() + " values instead of two");
        }
        put(map, key(two.getFirst()), two.getLast());
      }
    }
    return map;
  }

  private Object top() {
    if (stack.isEmpty() || !marks.isEmpty() && marks.getLast() >= stack.size()) {
      throw input.error("takes more from its stack than is there");
    }
    return stack.getLast();
  }

  private Object pop() {
    Object value = top();
    stack.removeLast();
    return value;
  }

  private List<Object> popMark() {
    if (marks.isEmpty()) {
      throw input.error("looks for a mark that is not there");
    }
    List<Object> above = stack.subList(marks.removeLast(), stack.size());
    List<Object> values = new ArrayList<>(above);
    above.clear();
    return values;
  }

  private Object remembered(long index) {
    Object value = memo.get(index);
    if (value == null) {
      throw input.error("asks for value " + index + ", which it never remembered");
    }
    return value;
  }

  private List<?> asTuple(Object value) {
    if (value instanceof List<?> list) {
      return list;
    }
    throw input.error("has " + kind(value) + " where a tuple must be");
  }

  private PickledName asName(Object value) {
    if (value instanceof PickledName name) {
      return name;
    }
    throw input.error("calls " + kind(value));
  }

  private String asText(Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw input.error("has " + kind(value) + " where a name must be");
  }

  @SuppressWarnings("unchecked") // this class alone fills them, and with objects
  private static Map<Object, Object> asDict(Map<?, ?> map) {
    return (Map<Object, Object>) map;
  }

  @SuppressWarnings("unchecked") // this class alone fills them, and with objects
  private static List<Object> asList(ArrayList<?> list) {
    return (List<Object>) list;
  }

  /** What a value is, in a word; not what it holds, which may be endless. */
  static String kind(Object value) {
    return switch (value) {
      case Map<?, ?> _ -> "a dict";
      case List<?> _ -> "a list or tuple";
      case String _ -> "a text";
      case Number _ -> "a number";
      case Boolean _ -> "a truth value";
      case byte[] _ -> "bytes";
      case PickledName name -> name.toString();
      case PickledObject object -> "an object of " + object.type();
      case TorchTensor _ -> "a tensor";
      case Object _ -> "a storage";
    };
  }
}
