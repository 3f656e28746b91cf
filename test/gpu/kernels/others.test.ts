import { testKernels } from '../support/kernelTests.ts';

testKernels('others');
