export { SPARK_FOLDER, SPARK_VERSION, sparkHome } from './home.ts';
export { activeTasks, type SparkAddress, type SparkServer, startSpark, timesBegun } from './spark-server.ts';
