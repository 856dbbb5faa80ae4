using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Webmail.Web.Api;

/// <summary>What the OpenAPI document says beyond the resources themselves.</summary>
internal static class ApiDocument
{
    public static void Describe(OpenApiOptions options)
    {
        // What the pages call beside it is theirs.
        options.ShouldInclude = resource => resource.RelativePath?.StartsWith("api/v1/", StringComparison.Ordinal) == true;
        options.AddDocumentTransformer((document, _, _) => Fill(document));
    }

    private static Task Fill(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Webmail API",
            Version = "v1",
            Description = "Mailboxes, messages, sending, and the administration of users, domains and aliases. Log in by HTTP Basic with an address and its "
                + "password or by HTTP Bearer with an access token of the scope api (only over HTTPS, or from a network where plain-text login is allowed), or with the cookie of the web pages. "
                + "Refusals are problem details (RFC 9457).",
        };
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
        document.Components.SecuritySchemes["basic"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "basic" };
        document.Components.SecuritySchemes["token"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" };
        document.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("basic", document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", document)] = [] },
        ];
        return Task.CompletedTask;
    }
}
