using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data.Migrations;

/// <summary>The index of SEARCH for accounts with many messages (ADR 0190): pages that are written once.</summary>
[DbContext(typeof(MailDbContext))]
[Migration("20261124164000_SearchPages")]
internal sealed class SearchPages : SqlMigration;
