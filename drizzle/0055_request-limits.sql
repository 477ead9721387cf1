ALTER TABLE "api_service" ADD COLUMN "requests_per_minute" integer;--> statement-breakpoint
ALTER TABLE "api_service" ADD CONSTRAINT "api_service_requests" CHECK (requests_per_minute > 0);