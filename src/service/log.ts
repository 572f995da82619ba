/** What the service has to say: to whoever runs it, never to its clients. */
export type ServiceLog = (entry: {
  level: "error" | "warning" | "info" | "debug";
  code?: string;
  message: string;
  fields?: Readonly<Record<string, unknown>>;
}) => void;
