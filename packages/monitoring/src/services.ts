export { OtherFormatError, type RefuseOtherFormatsOptions, refuseOtherFormats } from './service/other-formats.ts';
export { readServices } from './status/read-services.ts';
