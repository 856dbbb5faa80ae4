using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data.Migrations;

/// <summary>Appends to many accounts in one call: append_3.</summary>
[DbContext(typeof(MailDbContext))]
[Migration("20261124140000_AppendMany")]
internal sealed class AppendMany : SqlMigration;
