import { ExecutionError, ShaderCompileError } from '../errors.ts';
import { composeShader, type ComposedShader } from '../wgsl/compose.ts';
import type { ShaderSource } from '../wgsl/source.ts';

/**
 * Loads a shader's texts and compiles it.
 *
 * @throws ExecutionError where a text cannot be loaded; ShaderCompileError where the adapter refuses the shader.
 */
export async function compilePipeline(
  device: GPUDevice,
  source: ShaderSource,
  layout: GPUPipelineLayout,
  label: string,
): Promise<GPUComputePipeline> {
  const shader = await composeShader(source).catch((cause: unknown) => {
    throw new ExecutionError(`the text of ${label} could not be loaded: ${String(cause)}`, { label }, cause);
  });
  // The module's own error is reported again, with more detail, by the pipeline below.
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ code: shader.code, label });
  const scope = device.popErrorScope();
  try {
    return await device.createComputePipelineAsync({
      label,
      layout,
      compute: { module, entryPoint: 'main' },
    });
  } catch (cause) {
    throw await shaderError(label, shader, module, cause);
  } finally {
    await scope.catch(() => undefined);
  }
}

async function shaderError(
  label: string,
  shader: ComposedShader,
  module: GPUShaderModule,
  cause: unknown,
): Promise<ShaderCompileError> {
  const info = await module.getCompilationInfo().catch(() => undefined);
  const messages = (info?.messages ?? [])
    .filter((message) => message.type === 'error')
    .map((message) => {
      const place = shader.locate(message.lineNum);
      return `${place ? `${place.path}:${place.line}` : `line ${message.lineNum}`}:${message.linePos}: ${message.message}`;
    });
  const reason =
    messages.length > 0 ? messages.join('\n') : cause instanceof Error ? cause.message : String(cause);
  return new ShaderCompileError(
    `${label} was refused by the adapter:\n${reason}`,
    { label, messages },
    cause,
  );
}
