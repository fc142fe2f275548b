package dev.peregrine.opencl.runtime;

/**
 * The text of a program and the kernel in it that is wanted.
 *
 * @param name what it is called in errors
 * @param entry the name of the kernel
 * @param text OpenCL C
 */
public record Source(String name, String entry, String text) {}
