/** kafkajs, repaired. Everybody imports it from here: the repairs must be made before it is loaded. */
import './quiet-request-queue.ts';
import './remembered-coordinator.ts';
import './linear-grouping.ts';
import './record-batch-encoder.ts';
import './record-batch-decoder.ts';
import kafkajs from 'kafkajs';
import { zstdCodec } from './zstd-codec.ts';

kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => zstdCodec;

export default kafkajs;
